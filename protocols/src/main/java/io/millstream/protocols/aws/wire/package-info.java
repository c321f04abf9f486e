/// What all AWS services speak: the JSON and the query protocol in and out, and their errors.
///
/// Both protocols become the same [io.millstream.protocols.aws.wire.Tree] on the way in, and an
/// answer is a tree that both can write; an action never learns which one its client speaks.
/// Depends on Jackson's streaming core. Knows no service, no socket and no backend.
@NullMarked
package io.millstream.protocols.aws.wire;

import org.jspecify.annotations.NullMarked;
