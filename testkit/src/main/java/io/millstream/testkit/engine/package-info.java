/// The engine as it runs, with a clock that tests move.
@NullMarked
package io.millstream.testkit.engine;

import org.jspecify.annotations.NullMarked;
