/// Where a published message goes: tables compiled from exchanges and their bindings, which change
/// by being made anew.
///
/// Pure functions of definitions and messages. It depends on the api alone and does not know what a
/// queue holds, where bindings are kept, or what becomes of a message that was routed.
@NullMarked
package io.millstream.engine.route;

import org.jspecify.annotations.NullMarked;
