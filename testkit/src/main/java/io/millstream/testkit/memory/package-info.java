/// The seam in plain words of Java: one lock, sorted maps, no files and no threads.
///
/// It is the specification that the engine is compared with, so it prefers the obvious to the fast.
/// A call takes the lock, lets the time that has passed take effect, does its work, hands out what
/// can be handed out, and runs callbacks after the lock is free. It knows the seam and a clock, and
/// nothing of the engine.
@NullMarked
package io.millstream.testkit.memory;

import org.jspecify.annotations.NullMarked;
