/// What every [io.millstream.api.Backend] promises, as tests: extend each contract with a [Harness]
/// for yours.
///
/// A test is skipped only where the backend's capabilities deny what it needs. The contracts know
/// the seam and no backend; they wait for conditions and never for time, so that they hold for a
/// model without threads and for an engine with its own.
@NullMarked
package io.millstream.testkit.contract;

import org.jspecify.annotations.NullMarked;
