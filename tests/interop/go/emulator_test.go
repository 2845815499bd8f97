// Package interop holds the checks of the official Go SDK against the emulator.
package interop

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// An emulator is one running program, on ports of its own.
type emulator struct {
	t *testing.T
	// connectionString is for AMQP over plain TCP.
	connectionString string
	// httpAddress is where the management API and the emulator's own paths are, without a slash.
	httpAddress string
	// tlsConnectionString and tlsRoot, a certificate as PEM, are there with --tls-port.
	tlsConnectionString, tlsRoot string
}

// startEmulator starts a program that ends with the test. The flags add to what ports need.
func startEmulator(t *testing.T, flags ...string) *emulator {
	t.Helper()
	path := os.Getenv("SERVICEBUS_EMULATOR")
	if path == "" {
		path = filepath.Join("..", "..", "..", "target", "debug", "servicebus-emulator")
	}
	program := exec.Command(path, append([]string{"--port", "0", "--http-port", "0"}, flags...)...)
	program.Stderr = os.Stderr
	output, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, program) })
	e := &emulator{t: t}
	withTLS := strings.Contains(strings.Join(flags, " "), "--tls-port")
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		e.read(lines.Text())
		ready := e.httpAddress != ""
		if withTLS {
			ready = strings.Contains(e.tlsRoot, "END CERTIFICATE")
		}
		if ready {
			return e
		}
	}
	t.Fatalf("the emulator ended early: %+v, %v", e, lines.Err())
	return nil
}

// read takes a line that the program printed when it had started.
func (e *emulator) read(line string) {
	switch {
	case strings.Contains(line, "UseDevelopmentEmulator=true"):
		e.connectionString = line
	case strings.HasPrefix(line, "http://"):
		e.httpAddress = line
	case strings.HasPrefix(line, "Endpoint="):
		e.tlsConnectionString = line
	case e.tlsConnectionString != "":
		e.tlsRoot += line + "\n"
	}
}

func stop(t *testing.T, program *exec.Cmd) {
	if err := program.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	impatience := time.AfterFunc(10*time.Second, func() { _ = program.Process.Kill() })
	defer impatience.Stop()
	if err := program.Wait(); err != nil {
		t.Errorf("the emulator ended with %v", err)
	}
}

// host is the emulator's address as connection strings have it.
func (e *emulator) host() string {
	return hostOf(e.connectionString)
}

func hostOf(connectionString string) string {
	_, rest, _ := strings.Cut(connectionString, "sb://")
	host, _, _ := strings.Cut(rest, ";")
	return host
}

// key is the name and the key of the rule that connection strings carry.
func (e *emulator) key() (name, key string) {
	for _, part := range strings.Split(e.connectionString, ";") {
		field, value, _ := strings.Cut(part, "=")
		switch field {
		case "SharedAccessKeyName":
			name = value
		case "SharedAccessKey":
			key = value
		}
	}
	return name, key
}

// withKey is the connection string with another rule.
func (e *emulator) withKey(name, key string) string {
	return fmt.Sprintf("Endpoint=sb://%s;SharedAccessKeyName=%s;SharedAccessKey=%s;UseDevelopmentEmulator=true;",
		e.host(), name, key)
}

// advance moves message time; what falls due has happened when it returns.
func (e *emulator) advance(span string) {
	e.t.Helper()
	e.post("clock", fmt.Sprintf(`{"advance": %q}`, span))
}

// freeze stops message time between advances.
func (e *emulator) freeze() {
	e.t.Helper()
	e.post("clock", `{"frozen": true}`)
}

// fault scripts something that goes wrong, in the form of README's examples.
func (e *emulator) fault(text string) {
	e.t.Helper()
	e.post("faults", text)
}

func (e *emulator) post(path, body string) {
	e.t.Helper()
	answer, err := http.Post(e.httpAddress+"/$emulator/"+path, "application/json", strings.NewReader(body))
	if err != nil {
		e.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode >= 300 {
		e.t.Fatalf("%s %s: %s", path, body, answer.Status)
	}
}

// recordFrames has the emulator keep what waitForRecord looks for.
func (e *emulator) recordFrames() {
	e.t.Helper()
	request, err := http.NewRequest(http.MethodPut, e.httpAddress+"/$emulator/record", strings.NewReader(`{"frames": true}`))
	if err != nil {
		e.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		e.t.Fatal(err)
	}
	_ = answer.Body.Close()
}

func (e *emulator) record() string {
	e.t.Helper()
	answer, err := http.Get(e.httpAddress + "/$emulator/record")
	if err != nil {
		e.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	lines, err := io.ReadAll(answer.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	return string(lines)
}

// waitForRecord waits until a line of the record has all the parts.
func (e *emulator) waitForRecord(parts ...string) {
	e.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		for _, line := range strings.Split(e.record(), "\n") {
			missing := func(part string) bool { return !strings.Contains(line, part) }
			if !slices.ContainsFunc(parts, missing) {
				return
			}
		}
	}
	e.t.Fatalf("no line of the record has %q:\n%s", parts, e.record())
}
