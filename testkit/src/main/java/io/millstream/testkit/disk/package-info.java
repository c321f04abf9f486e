/// What every disk must do, as a suite that each of them passes.
///
/// Knows the interface only, not what happens to a disk that loses power.
@NullMarked
package io.millstream.testkit.disk;

import org.jspecify.annotations.NullMarked;
