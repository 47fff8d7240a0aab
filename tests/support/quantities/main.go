// Prints what k8s.io/apimachinery's resource.Quantity makes of the texts and pairs of texts on standard input.
//
// In: {"texts": [text, …], "pairs": [[text, text], …]}. Out, one JSON list a line:
//
//	["text", text, error, string read out of JSON or null]
//	["text", text, string, format, value, milli, scaled to kilo, int64 or null, float64, rounded up to milli,
//	 string read out of JSON or null]
//	["pair", first, second, sum, difference, order]
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	"k8s.io/apimachinery/pkg/api/resource"
)

func row(out *bufio.Writer, values ...any) {
	line, err := json.Marshal(values)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(out, string(line))
}

func fromJSON(text string) any {
	raw, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	var read resource.Quantity
	if err := json.Unmarshal(raw, &read); err != nil {
		return nil
	}
	return read.String()
}

func main() {
	var questions struct {
		Texts []string    `json:"texts"`
		Pairs [][2]string `json:"pairs"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		panic(err)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for _, text := range questions.Texts {
		quantity, err := resource.ParseQuantity(text)
		if err != nil {
			row(out, "text", text, err.Error(), fromJSON(text))
			continue
		}
		shown := quantity.String()
		var whole any
		if held, ok := quantity.AsInt64(); ok {
			whole = strconv.FormatInt(held, 10)
		}
		rounded := quantity.DeepCopy()
		rounded.RoundUp(resource.Milli)
		row(out, "text", text, shown, string(quantity.Format),
			strconv.FormatInt(quantity.Value(), 10), strconv.FormatInt(quantity.MilliValue(), 10),
			strconv.FormatInt(quantity.ScaledValue(resource.Kilo), 10), whole,
			strconv.FormatFloat(quantity.AsApproximateFloat64(), 'g', -1, 64), rounded.String(), fromJSON(text))
	}
	for _, pair := range questions.Pairs {
		first, second := resource.MustParse(pair[0]), resource.MustParse(pair[1])
		sum, difference := first.DeepCopy(), first.DeepCopy()
		sum.Add(second)
		difference.Sub(second)
		row(out, "pair", pair[0], pair[1], sum.String(), difference.String(), first.Cmp(second))
	}
}
