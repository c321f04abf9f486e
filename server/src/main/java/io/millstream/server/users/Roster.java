package io.millstream.server.users;

import java.util.List;

/// The list of users, wherever it is. Every call blocks until it is done and durable.
public interface Roster {

    /// Every user, by name.
    List<Listed> list();

    /// Makes a user, or changes one.
    ///
    /// @param mustBeNew whether it is refused if there is one of this name, or else if there is
    ///   none
    /// @throws RosterException if it cannot be done
    void put(String name, UserChange change, boolean mustBeNew);

    /// Removes a user.
    ///
    /// @throws RosterException if it cannot be done
    void remove(String name);

    /// Makes a new AWS key for a user.
    ///
    /// @throws RosterException if it cannot be done
    NewKey addKey(String name);

    /// Removes an AWS key of a user.
    ///
    /// @throws RosterException if it cannot be done
    void removeKey(String name, String id);
}
