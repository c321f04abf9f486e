package io.millstream.testkit.denied;

import io.millstream.api.Feature;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// A contract asks for nothing that the backend's capabilities deny, unless it is skipped:
/// whichever feature is missing, what still runs passes.
@Tag("spike")
@ParameterizedClass
@EnumSource(Feature.class)
class DenyingContractTest {

    private final Feature denied;

    DenyingContractTest(Feature denied) {
        this.denied = denied;
    }

    @Nested
    class Queues extends QueueContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Settling extends SettlingContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class DeadLetters extends DeadLetterContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Commits extends CommitContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class CommitIds extends CommitIdsContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Consuming extends ConsumeContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Rows extends RowsContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Browsing extends BrowseContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Order extends OrderContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Looking extends LookingContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Restarts extends RestartContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Retention extends RetentionContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Refusals extends RefusalContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Topics extends TopicContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class TopicKeeping extends TopicKeepingContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Groups extends GroupContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Routing extends RoutingContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Choosing extends ConsumerChoiceContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Priorities extends PriorityContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Delays extends DelayContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Fairness extends FairnessContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class TimesToLive extends TimeToLiveContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Capacities extends CapacityContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Duplicates extends DeduplicationContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class BackOffs extends BackOffContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Pauses extends PauseContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Lifecycles extends LifecycleContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class LifecyclesFollowed extends LifecycleFollowingContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Replays extends ReplayContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Moves extends MoveContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class DeadLetterHistories extends DeadLetterHistoryContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class PriorityCombinations extends PriorityCombinationContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class GroupCombinations extends GroupCombinationContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Combinations extends CombinationContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Unused extends UnusedContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class RoutingKinds extends RoutingKindsContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class GroupMeanings extends GroupMeaningContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Limits extends LimitsContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Rates extends RatesContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Types extends TypesContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class FairOrders extends FairOrderContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class Weights extends WeightContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }

    @Nested
    class LimitsCombinations extends LimitsCombinationContract {
        @Override
        protected Harness open() {
            return new DenyingHarness(denied);
        }
    }
}
