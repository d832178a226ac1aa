// Package ownfile keeps small files that are this user's alone: each is whole at every
// moment, nobody else may read it, and one that somebody else could have written or read
// is not read.
//
// Where the system has no modes and owners that Go tells of, the place of the file is
// all that protects it: its directory must be in the user's own part of the disk.
package ownfile
