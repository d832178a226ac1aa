// Package weather asks one of two services, Open-Meteo or OpenWeatherMap, for the
// current weather at a coordinate.
//
// An answer comes from outside: it is bounded, read strictly, and refused as a
// whole if it lacks what is needed, is in other units than were asked for, or holds
// an impossible value. The only text of an answer that reaches a [Report] is
// OpenWeatherMap's description of the weather, which is short and plain words.
//
// Both services take the API key in the query of the URL. Hence redirects are never
// followed, and no error of this package holds text of another error, of an answer,
// or of the URL: each is one of the package's own with a few fixed words. Nothing is
// logged here.
package weather
