/// The seam: what everything above storage says to a [io.millstream.api.Backend].
///
/// Front ends, jobs and the in-process face speak these types and no others; the engine, the memory
/// model and every backend on another store implement them. Nothing here knows a wire format, a
/// file or a thread. All values are immutable.
@NullMarked
package io.millstream.api;

import org.jspecify.annotations.NullMarked;
