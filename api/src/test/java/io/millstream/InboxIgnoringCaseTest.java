package io.millstream;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/// The inbox on H2 where it ignores the case of texts, in the dialect of a database that does.
class InboxIgnoringCaseTest extends InboxContract {
    @Override
    Connection open() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:h2:mem:case;MODE=MSSQLServer;IGNORECASE=TRUE;LOCK_TIMEOUT=20000");
    }

    @Override
    String blocked() {
        return "SELECT count(*) FROM INFORMATION_SCHEMA.SESSIONS"
                + " WHERE EXECUTING_STATEMENT LIKE 'INSERT INTO millstream_inbox%'";
    }
}
