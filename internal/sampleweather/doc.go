// Package sampleweather answers like the two weather services that the tool
// get_weather can ask, Open-Meteo and OpenWeatherMap, with made-up weather: for
// offline development and for tests.
//
// The weather of a place is computed from its coordinates alone, so it is the same
// in each answer and in both forms. Only the time of the observation, and whether
// it is day there, follow the clock.
package sampleweather
