/// The commands `work` and `push`: whatever is in a queue is done by a program in any language, one
/// process for each message, or by an HTTP endpoint. They are workers of the job runtime, over the
/// address of a server, and know nothing else of the server that they are shipped with.
@NullMarked
package io.millstream.server.work;

import org.jspecify.annotations.NullMarked;
