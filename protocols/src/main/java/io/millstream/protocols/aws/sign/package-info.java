/// AWS's Signature Version 4, checked: who has signed a request, and whether it is unchanged, in
/// the header `Authorization` or in the address (presigned).
///
/// Written after *Signature Version 4* in AWS's *IAM User Guide*. Pure: requests and secrets in,
/// faults out. Knows no users, no socket, no service.
@NullMarked
package io.millstream.protocols.aws.sign;

import org.jspecify.annotations.NullMarked;
