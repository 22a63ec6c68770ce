// Package view draws every page of Kortportal as typed templ components.
//
// A page is a plain struct and a component of the same name with Page after it: CardSearch and CardSearchPage. The
// structs carry numbers, names, times and short codes; the words come from i18n. A code is one of the strings of
// product.md (a status, an action, a reason, a role, a kind) or one of those listed at the field. The package asks
// nothing and decides nothing: whether a card works at the gate or an action is open is told to it.
package view
