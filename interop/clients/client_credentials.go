// golang.org/x/oauth2: a token, used at the API. METHOD is client_secret_basic, client_secret_post or
// nothing: then it finds out by itself, the header first.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

func main() {
	style := map[string]oauth2.AuthStyle{
		"client_secret_basic": oauth2.AuthStyleInHeader,
		"client_secret_post":  oauth2.AuthStyleInParams,
	}[os.Getenv("METHOD")]
	config := clientcredentials.Config{
		ClientID:     os.Getenv("CLIENT_ID"),
		ClientSecret: os.Getenv("CLIENT_SECRET"),
		TokenURL:     os.Getenv("TOKEN_URL"),
		Scopes:       strings.Fields(os.Getenv("SCOPE")),
		AuthStyle:    style,
	}
	report := map[string]any{}
	token, err := config.Token(context.Background())
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		var body map[string]any
		json.Unmarshal(refused.Body, &body)
		report["error"] = body["error"]
	} else if err != nil {
		panic(err)
	} else {
		answer, err := config.Client(context.Background()).Get(os.Getenv("API_URL"))
		if err != nil {
			panic(err)
		}
		var body any
		json.NewDecoder(answer.Body).Decode(&body)
		report["token_type"] = token.TokenType
		report["expires_in"] = int(time.Until(token.Expiry).Seconds() + 0.5)
		report["status"] = answer.StatusCode
		report["body"] = body
	}
	text, _ := json.Marshal(report)
	fmt.Println(string(text))
}
