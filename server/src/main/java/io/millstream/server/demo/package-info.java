/// The shop that `millstream demo` runs: orders, payments, shipments, mails and a report.
///
/// It is a program as any user could write it, and reaches the server by its address over the
/// public faces, [io.millstream.Millstream] and [io.millstream.jobs.Jobs]. Knows nothing of the
/// server that it runs beside.
@NullMarked
package io.millstream.server.demo;

import org.jspecify.annotations.NullMarked;
