/// What the engine knows, folded from its entries.
///
/// [io.millstream.engine.state.Decider] and [io.millstream.engine.state.TakeDecider] look at the
/// [io.millstream.engine.state.State] and say which [io.millstream.engine.state.Entry]s a command
/// makes, or why it is refused; [io.millstream.engine.state.State#apply] is the only thing that
/// changes it, live and in recovery alike. Nothing here does I/O, reads a clock or knows a thread:
/// time and positions arrive with the entries.
@NullMarked
package io.millstream.engine.state;

import org.jspecify.annotations.NullMarked;
