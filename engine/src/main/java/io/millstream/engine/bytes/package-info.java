/// Numbers, texts and bytes in a row: how entries, messages and snapshots are laid out.
@NullMarked
package io.millstream.engine.bytes;

import org.jspecify.annotations.NullMarked;
