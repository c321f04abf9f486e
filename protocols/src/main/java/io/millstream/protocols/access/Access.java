package io.millstream.protocols.access;

import java.util.function.Supplier;

/// What a door asks at its edge: whether everybody may come in, and if not, who somebody is.
///
/// As soon as there is one user, every door wants one. Without users a door is open where nobody
/// but this machine reaches it, or where it was said in so many words that it shall be.
public final class Access {
    /// Everybody may do everything.
    public static final Access OPEN = new Access(() -> Directory.EMPTY, true);

    private final Supplier<Directory> users;
    private final boolean openWithoutUsers;

    private Access(Supplier<Directory> users, boolean openWithoutUsers) {
        this.users = users;
        this.openWithoutUsers = openWithoutUsers;
    }

    /// The access that these users have.
    ///
    /// @param openWithoutUsers whether everybody may do everything as long as there are none; if
    ///   not, nobody may do anything then
    public static Access of(Users users, boolean openWithoutUsers) {
        return new Access(users::directory, openWithoutUsers);
    }

    /// Whether everybody may do everything now.
    public boolean isOpen() {
        return openWithoutUsers && users.get().isEmpty();
    }

    /// Who somebody is at this moment that came in before: with the rights it has now, and nobody
    /// if it is gone or proves itself by another password now.
    public Principal now(Principal met) {
        return switch (met) {
            case Principal.Anyone anyone -> isOpen() ? anyone : Principal.NOBODY;
            case Principal.Nobody nobody -> nobody;
            case Principal.Known known ->
                    users.get()
                            .named(known.name())
                            .filter(user -> user.password().equals(known.user().password()))
                            .<Principal>map(Principal.Known::new)
                            .orElse(Principal.NOBODY);
        };
    }

    /// The users at this moment.
    public Directory directory() {
        return users.get();
    }
}
