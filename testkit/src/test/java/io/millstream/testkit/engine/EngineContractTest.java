package io.millstream.testkit.engine;

import io.millstream.testkit.contract.BrowseContract;
import io.millstream.testkit.contract.CommitContract;
import io.millstream.testkit.contract.ConsumeContract;
import io.millstream.testkit.contract.DeadLetterContract;
import io.millstream.testkit.contract.Harness;
import io.millstream.testkit.contract.QueueContract;
import io.millstream.testkit.contract.RefusalContract;
import io.millstream.testkit.contract.RestartContract;
import io.millstream.testkit.contract.RetentionContract;
import io.millstream.testkit.contract.RoutingContract;
import io.millstream.testkit.contract.RoutingKindsContract;
import io.millstream.testkit.contract.RowsContract;
import io.millstream.testkit.contract.SettlingContract;
import io.millstream.testkit.contract.TopicContract;
import io.millstream.testkit.contract.TopicKeepingContract;

import org.junit.jupiter.api.Nested;

/// The engine keeps every contract.
class EngineContractTest {

    @Nested
    class Queues extends QueueContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Settling extends SettlingContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class DeadLetters extends DeadLetterContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Commits extends CommitContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Consuming extends ConsumeContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Rows extends RowsContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Browsing extends BrowseContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Restarts extends RestartContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Retention extends RetentionContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Refusals extends RefusalContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Topics extends TopicContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class TopicKeeping extends TopicKeepingContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Routing extends RoutingContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class RoutingKinds extends RoutingKindsContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }
}
