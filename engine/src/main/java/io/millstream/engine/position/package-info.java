/// What a number means that says where bytes lie; all that log and state share. Knows neither.
@NullMarked
package io.millstream.engine.position;

import org.jspecify.annotations.NullMarked;
