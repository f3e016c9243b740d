package fashion

import (
	"fmt"
	"runtime"
	"sync"
)

// processor returns the name of the processor and the number of cores that this process may use,
// such as "Intel(R) Core(TM) i5-8250U CPU @ 1.60GHz, 4 cores". A name that is not known is that of the architecture.
var processor = sync.OnceValue(func() string {
	name := processorName()
	if name == "" {
		name = runtime.GOARCH
	}
	return fmt.Sprintf("%s, %d cores", name, runtime.NumCPU())
})
