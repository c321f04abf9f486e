package io.millstream.testkit.engine;

import io.millstream.testkit.contract.BackOffContract;
import io.millstream.testkit.contract.BrowseContract;
import io.millstream.testkit.contract.CapacityContract;
import io.millstream.testkit.contract.CombinationContract;
import io.millstream.testkit.contract.CommitContract;
import io.millstream.testkit.contract.CommitIdsContract;
import io.millstream.testkit.contract.ConsumeContract;
import io.millstream.testkit.contract.ConsumerChoiceContract;
import io.millstream.testkit.contract.DeadLetterContract;
import io.millstream.testkit.contract.DeadLetterHistoryContract;
import io.millstream.testkit.contract.DeduplicationContract;
import io.millstream.testkit.contract.DelayContract;
import io.millstream.testkit.contract.FairOrderContract;
import io.millstream.testkit.contract.FairnessContract;
import io.millstream.testkit.contract.GroupCombinationContract;
import io.millstream.testkit.contract.GroupContract;
import io.millstream.testkit.contract.GroupMeaningContract;
import io.millstream.testkit.contract.Harness;
import io.millstream.testkit.contract.HostileInputContract;
import io.millstream.testkit.contract.HostileLooksContract;
import io.millstream.testkit.contract.LifecycleContract;
import io.millstream.testkit.contract.LifecycleFollowingContract;
import io.millstream.testkit.contract.LimitsCombinationContract;
import io.millstream.testkit.contract.LimitsContract;
import io.millstream.testkit.contract.LookingContract;
import io.millstream.testkit.contract.MoveContract;
import io.millstream.testkit.contract.OrderContract;
import io.millstream.testkit.contract.PauseContract;
import io.millstream.testkit.contract.PriorityCombinationContract;
import io.millstream.testkit.contract.PriorityContract;
import io.millstream.testkit.contract.QueueContract;
import io.millstream.testkit.contract.RatesContract;
import io.millstream.testkit.contract.RefusalContract;
import io.millstream.testkit.contract.ReplayContract;
import io.millstream.testkit.contract.RestartContract;
import io.millstream.testkit.contract.RetentionContract;
import io.millstream.testkit.contract.RoutingContract;
import io.millstream.testkit.contract.RoutingKindsContract;
import io.millstream.testkit.contract.RowsContract;
import io.millstream.testkit.contract.SettlingContract;
import io.millstream.testkit.contract.TimeToLiveContract;
import io.millstream.testkit.contract.TopicContract;
import io.millstream.testkit.contract.TopicKeepingContract;
import io.millstream.testkit.contract.TypesContract;
import io.millstream.testkit.contract.UnusedContract;
import io.millstream.testkit.contract.WeightContract;

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
    class CommitIds extends CommitIdsContract {
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
    class Order extends OrderContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Looking extends LookingContract {
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
    class Groups extends GroupContract {
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
    class Choosing extends ConsumerChoiceContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Priorities extends PriorityContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Delays extends DelayContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Fairness extends FairnessContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class TimesToLive extends TimeToLiveContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Capacities extends CapacityContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Duplicates extends DeduplicationContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class BackOffs extends BackOffContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Pauses extends PauseContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Lifecycles extends LifecycleContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class LifecyclesFollowed extends LifecycleFollowingContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Replays extends ReplayContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Moves extends MoveContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class DeadLetterHistories extends DeadLetterHistoryContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class PriorityCombinations extends PriorityCombinationContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class GroupCombinations extends GroupCombinationContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Combinations extends CombinationContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Unused extends UnusedContract {
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

    @Nested
    class GroupMeanings extends GroupMeaningContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Limits extends LimitsContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Rates extends RatesContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Types extends TypesContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class LimitsCombinations extends LimitsCombinationContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class FairOrders extends FairOrderContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class Weights extends WeightContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class HostileInput extends HostileInputContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }

    @Nested
    class HostileLooks extends HostileLooksContract {
        @Override
        protected Harness open() {
            return new EngineHarness();
        }
    }
}
