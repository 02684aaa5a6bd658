package main

import "github.com/interconnect-go/interconnect/bench/consumer-1801825166/ours/api"

var operations []any

func main() {
	c, err := api.NewClientWithResponses("http://127.0.0.1")
	if err != nil {
		panic(err)
	}
	operations = append(operations, c.ListCnisWithResponse)
	operations = append(operations, c.CreateCniWithBodyWithResponse)
	operations = append(operations, c.CreateCniWithResponse)
	operations = append(operations, c.GetCniWithResponse)
	operations = append(operations, c.UpdateCniWithBodyWithResponse)
	operations = append(operations, c.UpdateCniWithResponse)
	operations = append(operations, c.DeleteCniWithResponse)
	operations = append(operations, c.ListInterconnectsWithResponse)
	operations = append(operations, c.CreateInterconnectWithBodyWithResponse)
	operations = append(operations, c.CreateInterconnectWithResponse)
	operations = append(operations, c.GetInterconnectWithResponse)
	operations = append(operations, c.DeleteInterconnectWithResponse)
	operations = append(operations, c.GetInterconnectLoaWithResponse)
	operations = append(operations, c.GetInterconnectLoaDefaultNameWithResponse)
	operations = append(operations, c.GetInterconnectStatusWithResponse)
	operations = append(operations, c.GetSettingsWithResponse)
	operations = append(operations, c.UpdateSettingsWithBodyWithResponse)
	operations = append(operations, c.UpdateSettingsWithResponse)
	operations = append(operations, c.ListSlotsWithResponse)
	operations = append(operations, c.GetSlotWithResponse)
}
