package display

import (
	"encoding/gob"
	"os"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
	"golang.org/x/term"
)

// current is the session of this program.
var current = &session{out: os.Stdout, terminal: term.IsTerminal(int(os.Stdout.Fd()))}

func init() {
	// What metadata consists of; an unregistered type would break the pipe to the
	// notebook for the rest of the cell.
	gob.Register(map[string]any{})
	gob.Register([]any{})
	if gonbui.IsNotebook {
		current.notebook = gonb{}
	}
}

// gonb sends to the GoNB kernel that runs this program.
type gonb struct{}

func (gonb) newID() string { return gonbui.UniqueId() }

func (gonb) send(m message) {
	data := make(map[protocol.MIMEType]any, len(m.data))
	for mime, content := range m.data {
		data[protocol.MIMEType(mime)] = content
	}
	gonbui.SendData(&protocol.DisplayData{Data: data, Metadata: m.metadata, DisplayID: m.id})
}

// patience is how long to wait for a kernel that has stopped answering.
const patience = 10 * time.Second

// sync waits until the notebook has all outputs. gonbui.Sync waits for ever if
// the pipe breaks after it has asked, so it is not waited for longer than
// patience.
func (gonb) sync() {
	done := make(chan struct{})
	go func() {
		gonbui.Sync()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(patience):
	}
}
