// What the SDK makes of refusals.

const assert = require("node:assert/strict");
const { isServiceBusError } = require("@azure/service-bus");

/** The messaging client refuses with a code and a text. */
async function refused(attempt, code, text = /./) {
  await assert.rejects(attempt, (error) => {
    assert.ok(isServiceBusError(error), String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, text);
    return true;
  });
}

/** The administration client refuses with a code, a status and a text. */
async function refusedByHttp(attempt, code, status, text) {
  await assert.rejects(attempt, (error) => {
    assert.deepEqual([error.name, error.code, error.statusCode], ["RestError", code, status], error.message);
    assert.match(error.message, text);
    return true;
  });
}

module.exports = { refused, refusedByHttp };
