/// What every door over HTTP has to know of browsers, whose pages can reach it though nobody asked
/// them to.
@NullMarked
package io.millstream.protocols.web;

import org.jspecify.annotations.NullMarked;
