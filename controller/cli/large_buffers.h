#pragma once

namespace hydra_clients::cli {

// What becomes of large buffers (a page of Hydra's answer, a file's text, a list of files) when they are
// freed. For the whole process; with another C library than glibc, nothing. Any thread may call.

/// They go back to the system. By itself glibc learns to keep such memory: what was freed once is no longer
/// mapped but cut from the heap, where the holes stay between manifests that live for long. With 10,000
/// clients this takes a fifth off the peak of the first cycle, 48 MB to 38 MB. Fewer arenas (M_ARENA_MAX)
/// beside it gained nothing.
void giveLargeBuffersBack();

/// They are kept for the next one, up to 16 MiB of them: what lives for long is in its place by now, and each
/// cycle needs the same buffers again. Mapping and clearing them anew was a third of a cycle in sync.
void keepLargeBuffers();

}  // namespace hydra_clients::cli
