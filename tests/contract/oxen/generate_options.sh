curl -s -X POST "$BASE_URL/api/ai/images/generate" \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer $OXEN_API_KEY" \
  -d '{
    "model": "gpt-image-1-5",
    "prompt": "An ox standing in the middle of a long open road, in the snow, centered and staring at the camera. It is quietly snowing around him.",
    "input_image": [
      "'"$INPUT_IMAGE"'"
    ],
    "output_format": "png",
    "size": "auto"
  }'
