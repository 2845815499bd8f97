package interop

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus/admin"
)

// sendAs sends by a client of another connection string, and tells what came of it.
func (f *fixture) sendAs(connectionString, entity string) error {
	f.t.Helper()
	sender, err := newClient(f.t, connectionString, oneTry()).NewSender(entity, nil)
	f.check(err)
	return sender.SendMessage(f.soon(), text("m"), nil)
}

func TestAWrongKeyIsRefused(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	name, key := f.key()
	f.wantCode(f.sendAs(f.withKey(name, "d3Jvbmc="), queue), azservicebus.CodeUnauthorizedAccess)
	f.wantCode(f.sendAs(f.withKey("nobody", key), queue), azservicebus.CodeUnauthorizedAccess)
}

func TestAnUnknownEntityIsNotFound(t *testing.T) {
	f := newFixture(t)
	f.wantCode(f.sendAs(f.connectionString, "no-such-queue"), azservicebus.CodeNotFound)
	_, err := f.receiver("no-such-queue", nil).ReceiveMessages(f.soon(), 1, nil)
	f.wantCode(err, azservicebus.CodeNotFound)
	_, err = f.subscriber("no-such-topic", "all", nil).PeekMessages(f.soon(), 1, nil)
	f.wantCode(err, azservicebus.CodeNotFound)
	_, err = f.client.AcceptSessionForQueue(f.soon(), "no-such-queue", "s", nil)
	f.wantCode(err, azservicebus.CodeNotFound)
}

func TestKeysOfAnEntityGiveItsRightsAlone(t *testing.T) {
	f := newFixture(t)
	sendKey, listenKey, spareKey := keyFrom("send"), keyFrom("listen"), keyFrom("spare")
	created, err := f.admin.CreateQueue(f.soon(), "orders", &admin.CreateQueueOptions{
		Properties: &admin.QueueProperties{AuthorizationRules: []admin.AuthorizationRule{
			{KeyName: to.Ptr("sending"), AccessRights: []admin.AccessRight{admin.AccessRightSend}, PrimaryKey: to.Ptr(sendKey), SecondaryKey: to.Ptr(spareKey)},
			{KeyName: to.Ptr("listening"), AccessRights: []admin.AccessRight{admin.AccessRightListen}, PrimaryKey: to.Ptr(listenKey), SecondaryKey: to.Ptr(spareKey)},
		}},
	})
	f.check(err)
	want(t, "the number of rules", len(created.AuthorizationRules), 2)
	for _, rule := range created.AuthorizationRules {
		if *rule.SecondaryKey != spareKey {
			t.Fatalf("%s", asText(rule))
		}
	}
	f.createQueue("other", nil)
	sending, listening := f.withKey("sending", sendKey), f.withKey("listening", listenKey)
	f.check(f.sendAs(sending, "orders"))
	f.check(f.sendAs(f.withKey("sending", spareKey), "orders"))
	f.wantCode(f.sendAs(sending, "other"), azservicebus.CodeUnauthorizedAccess)
	f.wantCode(f.sendAs(listening, "orders"), azservicebus.CodeUnauthorizedAccess)
	receiver, err := newClient(t, listening, nil).NewReceiverForQueue("orders", nil)
	f.check(err)
	want(t, "the number received", len(f.complete(receiver, 2)), 2)
	receiver, err = newClient(t, sending, oneTry()).NewReceiverForQueue("orders", nil)
	f.check(err)
	_, err = receiver.ReceiveMessages(f.soon(), 1, nil)
	f.wantCode(err, azservicebus.CodeUnauthorizedAccess)
	_, err = newAdmin(f.emulator, sending).GetQueue(f.soon(), "orders", nil)
	f.wantStatus(err, http.StatusUnauthorized)
}

func TestAReadySignatureConnectsUntilItExpires(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	signed := func(until time.Time) string {
		name, key := f.key()
		resource := url.QueryEscape("sb://" + f.host())
		mac := hmac.New(sha256.New, []byte(key))
		fmt.Fprintf(mac, "%s\n%d", resource, until.Unix())
		signature := url.QueryEscape(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		return fmt.Sprintf("Endpoint=sb://%s;SharedAccessSignature=SharedAccessSignature sr=%s&sig=%s&se=%d&skn=%s;UseDevelopmentEmulator=true",
			f.host(), resource, signature, until.Unix(), name)
	}
	f.check(f.sendAs(signed(time.Now().Add(time.Hour)), queue))
	f.wantCode(f.sendAs(signed(time.Now().Add(-time.Hour)), queue), azservicebus.CodeUnauthorizedAccess)
	_, err := newAdmin(f.emulator, signed(time.Now().Add(time.Hour))).GetQueue(f.soon(), queue, nil)
	f.check(err)
}

// unsigned is a credential whose tokens nobody signed.
type unsigned struct{}

func (unsigned) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	until := time.Now().Add(time.Hour)
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	claims := fmt.Sprintf(`{"aud": "https://servicebus.azure.net/", "iss": "https://sts.windows.net/t/", "exp": %d, "nbf": %d}`,
		until.Unix(), time.Now().Add(-time.Minute).Unix())
	token := part(`{"alg": "RS256", "typ": "JWT"}`) + "." + part(claims) + "." + part("signature")
	return azcore.AccessToken{Token: token, ExpiresOn: until}, nil
}

// A credential goes with TLS only.
func TestACredentialConnectsOverTLS(t *testing.T) {
	f := newFixture(t, "--tls-port", "0", "--accept-jwt")
	roots := x509.NewCertPool()
	want(t, "a certificate was printed", roots.AppendCertsFromPEM([]byte(f.tlsRoot)), true)
	// The SDK would take the port for a part of the name.
	config := &tls.Config{RootCAs: roots, ServerName: "localhost"}
	management, err := admin.NewClient(f.host(), unsigned{}, adminOptions(f.emulator))
	f.check(err)
	_, err = management.CreateQueue(f.soon(), "orders", nil)
	f.check(err)
	client, err := azservicebus.NewClient(hostOf(f.tlsConnectionString), unsigned{}, &azservicebus.ClientOptions{TLSConfig: config})
	f.check(err)
	sender, err := client.NewSender("orders", nil)
	f.check(err)
	f.check(sender.SendMessage(f.soon(), text("by token"), nil))
	f.check(client.Close(f.soon()))

	named := newClient(t, f.tlsConnectionString, &azservicebus.ClientOptions{TLSConfig: config})
	receiver, err := named.NewReceiverForQueue("orders", nil)
	f.check(err)
	wantAll(t, "the bodies", f.complete(receiver, 1), []string{"by token"})

	stranger := newClient(t, f.tlsConnectionString, oneTry())
	receiver, err = stranger.NewReceiverForQueue("orders", nil)
	f.check(err)
	if _, err = receiver.ReceiveMessages(f.soon(), 1, nil); err == nil {
		t.Fatal("an unknown certificate was trusted")
	}
}

// keyFrom is a key of the length that the service asks for.
func keyFrom(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	return base64.StdEncoding.EncodeToString(sum[:])
}
