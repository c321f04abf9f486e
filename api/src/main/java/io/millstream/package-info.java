/// The in-process face: open a directory, name a queue, send, receive, settle.
///
/// [io.millstream.Millstream] is where to begin. Everything here is a thin, blocking layer over the
/// seam in [io.millstream.api], which is there for those who want stages, batches and commits.
@NullMarked
package io.millstream;

import org.jspecify.annotations.NullMarked;
