// Package reconcile compares the whole configuration of an account with a file that says what it should be, plans what
// has to be ordered, created, changed and deleted, and does it.
//
// An order is binding, so everything here is about not ordering twice. Nothing is remembered between two runs: what is
// there is read from the service each time, and the objects of the file are found again among it by what the service
// keeps of an order.
//
//   - A port is identified by its slot, which holds one interconnect at a time. The name in the file, which the
//     service chose, is never more than a hint.
//   - A link to Google Cloud was ordered with a pairing key, which the service does not tell. It is identified by its
//     name. One that the file has no name for is taken to be a link of the same region and bandwidth that is not in
//     the file otherwise: it may be what an earlier order has led to. Only if there is no such link it is ordered.
//   - A CNI is identified by its ID and by its conduit name, which is unique in the account, and failing both by its
//     addresses.
//
// What the service cannot change is a problem of the plan, and so is all that can be known to fail; a plan with
// problems is not done.
package reconcile
