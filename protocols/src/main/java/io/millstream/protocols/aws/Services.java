package io.millstream.protocols.aws;

import io.millstream.protocols.aws.push.LazySigner;
import io.millstream.protocols.aws.sns.SnsService;
import io.millstream.protocols.aws.sqs.SqsService;

/// What the services of one door share among its event loops.
///
/// @param sqs queues
/// @param sns topics
/// @param signer has the certificate that endpoints of topics ask for
record Services(SqsService.Shared sqs, SnsService.Shared sns, LazySigner signer) {}
