// Package archtest tests the shape of the whole module: which package may import
// which, and what no file of it may hold. It has no code of its own.
package archtest
