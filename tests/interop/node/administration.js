// The SDK's administration client, which speaks HTTPS only, on the emulator's plain HTTP.

const { ServiceBusAdministrationClient } = require("@azure/service-bus");

/** The last of the client's policies: all that it signs and names stays as with HTTPS. */
const plainHttp = {
  name: "plainHttp",
  sendRequest(request, next) {
    request.url = request.url.replace(/^https:/, "http:");
    request.allowInsecureConnection = true;
    return next(request);
  },
};

// What is refused is reported at once.
const ONE_TRY = { retryOptions: { maxRetries: 0 } };

/** An administration client with the emulator's own key. */
function administration(emulator, added = {}) {
  return plain(new ServiceBusAdministrationClient(emulator.httpConnectionString, { ...ONE_TRY, ...added }));
}

/** An administration client with another credential. */
function administrationWith(emulator, credential) {
  return plain(new ServiceBusAdministrationClient(new URL(emulator.httpAddress).host, credential, ONE_TRY));
}

function plain(client) {
  client.pipeline.addPolicy(plainHttp, { afterPhase: "Sign" });
  return client;
}

module.exports = { administration, administrationWith };
