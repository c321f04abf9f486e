/// How long a test waits for its broker: `@MillstreamTest` in fresh and in warm virtual machines.
///
/// Runs JUnit itself, so what is measured is what a test author gets.
@NullMarked
package io.millstream.bench.junit;

import org.jspecify.annotations.NullMarked;
