package io.millstream.jobs.outbox;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;

/// In what databases differ, as far as an outbox minds.
enum Dialect {
    /// PostgreSQL, and what says it is.
    POSTGRESQL("TEXT"),
    /// H2.
    H2("CHARACTER LARGE OBJECT"),
    /// MySQL and MariaDB.
    MYSQL("LONGTEXT") {
        @Override
        String first(String select, int rows) {
            return select + " LIMIT " + rows;
        }
    },
    /// Oracle.
    ORACLE("CLOB"),
    /// SQL Server, where a reader would wait for who is writing.
    SQL_SERVER("VARCHAR(MAX)") {
        @Override
        String read() {
            return Outbox.TABLE + " WITH (READPAST)";
        }
    },
    /// Others, by the standard.
    STANDARD("CLOB");

    private final String text;

    Dialect(String text) {
        this.text = text;
    }

    static Dialect of(Connection connection) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName();
        String name = product == null ? "" : product.toLowerCase(Locale.ROOT);
        if (name.contains("postgresql")) {
            return POSTGRESQL;
        }
        if (name.equals("h2")) {
            return H2;
        }
        if (name.contains("mysql") || name.contains("mariadb")) {
            return MYSQL;
        }
        if (name.contains("oracle")) {
            return ORACLE;
        }
        return name.contains("microsoft sql server") ? SQL_SERVER : STANDARD;
    }

    /// What makes the table.
    String create() {
        return """
        CREATE TABLE %s (
          refused NUMERIC(1) NOT NULL,
          placed_at NUMERIC(19) NOT NULL,
          job_id VARCHAR(%d) NOT NULL,
          form NUMERIC(3) NOT NULL,
          queue_name VARCHAR(%d) NOT NULL,
          job %s NOT NULL,
          reason VARCHAR(%d),
          PRIMARY KEY (refused, placed_at, job_id))\
        """
                .formatted(
                        Outbox.TABLE,
                        OutboxKey.JOB_ID_CHARS_MAX,
                        OutboxTable.QUEUE_CHARS_MAX,
                        text,
                        OutboxTable.REASON_CHARS_MAX);
    }

    /// The table, for who reads rows that others may be writing.
    String read() {
        return Outbox.TABLE;
    }

    /// The first rows of what `select` finds.
    String first(String select, int rows) {
        return select + " OFFSET 0 ROWS FETCH NEXT " + rows + " ROWS ONLY";
    }
}
