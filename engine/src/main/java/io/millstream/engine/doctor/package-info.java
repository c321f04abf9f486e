/// A data directory at rest, for those who look after it: what is in it, what is damaged, and what
/// can be saved.
///
/// Everything is read with the classes that wrote it: `log` tells what it still holds and where it
/// has holes, `state` folds that, and here the two are compared with each other. Knows nothing of a
/// running engine: whoever calls it has the directory's lock.
@NullMarked
package io.millstream.engine.doctor;

import org.jspecify.annotations.NullMarked;
