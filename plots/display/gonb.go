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
	// The types in metadata. An unregistered type would break the pipe to the notebook
	// for the rest of the cell.
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

// patience is the time to wait for a kernel that does not answer.
const patience = 10 * time.Second

// sync waits until the notebook has all outputs, but not longer than patience, since
// gonbui.Sync never returns if the pipe breaks during the call.
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
