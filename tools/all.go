package tools

// All returns every tool of this server. A new tool is one new file and one line
// here.
func All() []Tool {
	return []Tool{
		CalculateBMI(),
		WhoAmI(),
	}
}
