package io.millstream.engine.log;

import java.nio.ByteBuffer;

/// A complete frame on its way to the disk.
///
/// @param file where it goes
/// @param position where it begins
/// @param end where the next one may begin
/// @param bytes header, payload and padding; only the checksum is missing
record SealedFrame(LogFile file, long position, long end, ByteBuffer bytes) {}
