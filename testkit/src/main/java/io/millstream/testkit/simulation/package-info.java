/// The world as a simulation from a seed: disks that lose power, fill up and lie.
///
/// Knows files, and nothing of what an engine keeps in them.
@NullMarked
package io.millstream.testkit.simulation;

import org.jspecify.annotations.NullMarked;
