/// How much heap the parts of the state take, by estimate, so that a bound can be kept.
@NullMarked
package io.millstream.engine.heap;

import org.jspecify.annotations.NullMarked;
