/// Who may do what, for all front ends alike: users, how they prove who they are, and what they are
/// granted.
///
/// Users are rows of a table of the backend; [io.millstream.protocols.access.Users] keeps what they
/// say at hand and follows every change, and [io.millstream.protocols.access.Access] is what a door
/// asks at its edge. Depends on the seam and the JDK; knows no protocol and no socket.
@NullMarked
package io.millstream.protocols.access;

import org.jspecify.annotations.NullMarked;
