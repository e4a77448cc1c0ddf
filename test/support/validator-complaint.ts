// How wsgiref.validate complains in the log of a group whose application it watches.

/** It knows fewer methods than HTTP, and says so; that is no complaint about anybody. */
export const complaint = /validate\.py", line|garbage collected without|WSGIWarning: (?!Unknown REQUEST_METHOD)/
