package io.millstream;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/// The inbox on H2.
class InboxInMemoryTest extends InboxContract {
    @Override
    Connection open() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:h2:mem:inbox;DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=20000");
    }

    @Override
    String blocked() {
        return "SELECT count(*) FROM INFORMATION_SCHEMA.SESSIONS"
                + " WHERE EXECUTING_STATEMENT LIKE 'INSERT INTO millstream_inbox%'";
    }
}
