/// What every door over HTTP has at its edge: who may come in, the certificate that it encrypts
/// with and how that is renewed, and what it has to know of browsers, whose pages can reach it
/// though nobody asked them to.
@NullMarked
package io.millstream.protocols.web;

import org.jspecify.annotations.NullMarked;
