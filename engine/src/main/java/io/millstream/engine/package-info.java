/// The engine's face: the durable backend of one machine. Depends on the api only, and knows no
/// protocol.
@NullMarked
package io.millstream.engine;

import org.jspecify.annotations.NullMarked;
