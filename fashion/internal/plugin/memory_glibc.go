//go:build cgo && linux

package plugin

/*
#include <malloc.h>

// Other C libraries than glibc have no mallopt.
static void keep_memory(void) {
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 1 << 30);
	mallopt(M_TRIM_THRESHOLD, 2047 << 20);
	mallopt(M_TOP_PAD, 64 << 20);
#endif
}
*/
import "C"

// keepMemory keeps memory that XLA frees in the process. Otherwise glibc returns large blocks to
// the system after each step, and the next step waits for ten thousand page faults.
func keepMemory() { C.keep_memory() }
