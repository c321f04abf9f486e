/// What every door over HTTP has at its edge: who may come in, the certificate that it encrypts
/// with and how that is renewed, what it has to know of browsers, whose pages can reach it though
/// nobody asked them to, and how a large answer leaves.
@NullMarked
package io.millstream.protocols.web;

import org.jspecify.annotations.NullMarked;
