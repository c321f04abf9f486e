/// The engine in process, through the seam, beside what the disk itself can do.
@NullMarked
package io.millstream.bench.engine;

import org.jspecify.annotations.NullMarked;
