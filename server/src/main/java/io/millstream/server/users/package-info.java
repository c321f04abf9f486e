/// The users of a store as administrators see and change them: listed, added, changed and removed,
/// for the pages of a server and for the command line on a directory at rest alike. What a user is
/// and who may do what is [io.millstream.protocols.access]'s.
@NullMarked
package io.millstream.server.users;

import org.jspecify.annotations.NullMarked;
